export default {
  fetch(request) {
    const name = request.url.slice(request.url.lastIndexOf("/") + 1);
    return Response.json({ hello: name });
  },
};
