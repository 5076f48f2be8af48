import { program } from "./program.ts";

program(
  "preact-render-to-string with hooks",
  `/** @jsxImportSource npm:preact */
   import { render } from "npm:preact-render-to-string";
   import { useState, useMemo } from "npm:preact/hooks";
   const Item = ({ n }: { n: number }) => { const [x] = useState(n); const y = useMemo(() => x * 2, [x]); return <li class="i">{y}</li> };
   export default render(<ul>{[1, 2].map((n) => <Item n={n} key={n} />)}</ul>);`,
  '<ul><li class="i">2</li><li class="i">4</li></ul>',
);

program(
  "react-dom/server, whole and streaming with Suspense",
  `import * as React from "npm:react";
   import { renderToReadableStream, renderToString } from "npm:react-dom/server";
   const later = new Promise<string>((resolve) => setTimeout(() => resolve("late"), 5));
   const Late = () => <b>{React.use(later)}</b>;
   export default (async () => {
     const stream = await renderToReadableStream(<main><React.Suspense fallback="wait"><Late /></React.Suspense></main>);
     const html = await new Response(stream).text();
     return [renderToString(<p id="a">{"<x>"}</p>), html.includes("wait"), html.includes("<b>late</b>")];
   })();`,
  ['<p id="a">&lt;x&gt;</p>', true, true],
);

program(
  "marked",
  `import { marked } from "npm:marked";
   export default marked.parse("# Hi *you*\\n\\n- a\\n- b\\n\\n| x | y |\\n|---|---|\\n| 1 | 2 |\\n\\n\`\`\`ts\\nlet a\\n\`\`\`");`,
  '<h1>Hi <em>you</em></h1>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<table>\n<thead>\n<tr>\n<th>x</th>\n<th>y</th>\n</tr>\n</thead>\n<tbody><tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody></table>\n<pre><code class="language-ts">let a\n</code></pre>\n',
);

program(
  "liquidjs, whose generators yield in loop heads",
  `import { Liquid } from "npm:liquidjs";
   export default new Liquid().parseAndRender("{% for u in users %}{{ u.name | upcase }}:{% for t in u.tags %}{{ t }},{% endfor %}{% endfor %}", { users: [{ name: "ada", tags: ["x", "y"] }, { name: "bob", tags: [] }] });`,
  "ADA:x,y,BOB:",
);
