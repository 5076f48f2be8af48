/** Shows the origin that the page was asked on, as the command line needs it. */
for (const element of document.querySelectorAll("[data-origin]")) element.textContent = location.origin;
