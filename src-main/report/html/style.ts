/** The look of a report: the console's tokens, light and dark, and always light on paper. */
const LIGHT = `--background:#f5f6f8;--panel:#fff;--line:#dfe3ea;--grid:#e6e9ef;--text:#18202c;--dim:#5a6678;--accent:#0f6e84;
--heat:15 110 132;--warn:#8a5800;--shadow:0 1px 2px rgb(24 32 44 / 5%);
--guest-1:#1f6fb5;--guest-2:#d0761b;--guest-3:#2a8f72;--guest-4:#610c9c;--guest-5:#7c0f28;--guest-6:#646107;--guest-7:#333a5d;--guest-8:#8d457b`;
const DARK = `--background:#10151c;--panel:#18202a;--line:#2b3644;--grid:#283340;--text:#e8edf4;--dim:#9aa8ba;--accent:#4fb8cf;
--heat:79 184 207;--warn:#e0ad4f;--shadow:none;
--guest-1:#62aaea;--guest-2:#f0a558;--guest-3:#5cc7a5;--guest-4:#6b66ef;--guest-5:#d3453b;--guest-6:#f7e04f;--guest-7:#e0e5eb;--guest-8:#e2baeb`;

export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media screen and (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--background);color:var(--text);font:13px/20px 'Inter Variable',Inter,system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1200px;margin:0 auto;padding:24px 20px 48px;display:flex;flex-direction:column;gap:12px}
h1,h2,p,dl,dd,figure{margin:0}
h1{font-size:18px;line-height:24px}
h2{font-size:13px;line-height:20px}
.dim{color:var(--dim)}
.warn{color:var(--warn)}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:10px;box-shadow:var(--shadow);padding:12px 14px}
.head{display:flex;justify-content:space-between;gap:12px;margin-bottom:6px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));gap:12px}
.figure{font-size:21px;line-height:28px;font-weight:600}
.figures .dim,.head .dim,.legend,caption,.note{font-size:12px}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse}
th{color:var(--dim);font-size:12px;font-weight:600;text-align:left;vertical-align:bottom}
th,td{padding:4px 8px;border-bottom:1px solid var(--line);vertical-align:top}
tbody th{color:var(--text);font-size:13px;font-weight:400}
tbody tr:last-child>*{border-bottom:0}
tfoot>tr>*{border-top:1px solid var(--line);border-bottom:0;font-weight:600}
.number{text-align:right}
td.number{white-space:nowrap}
.cell{background:rgb(var(--heat) / var(--strength,0))}
.hash{font-family:ui-monospace,monospace;font-size:12px;overflow-wrap:anywhere}
.legend{display:flex;flex-wrap:wrap;gap:4px 14px;margin-top:6px}
.legend svg,th svg{width:16px;height:10px;margin-right:6px;vertical-align:baseline}
.chart{width:100%;height:auto;display:block}
.chart text{fill:var(--dim);font-size:10.5px}
.grid{stroke:var(--grid)}
.mark{stroke:var(--accent);stroke-dasharray:3 3}
.line{fill:none;stroke-width:1.5;stroke-linejoin:round}
.columns{display:grid;grid-template-columns:1fr 1fr;gap:12px}
.columns>*{min-width:0}
${[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `.s${n}{stroke:var(--guest-${n})}.f${n}{fill:var(--guest-${n});fill-opacity:.82}`).join('\n')}
.d2{stroke-dasharray:6 3}.d3{stroke-dasharray:2 3}.d4{stroke-dasharray:9 3 2 3}.d5{stroke-dasharray:12 4}
.d6{stroke-dasharray:6 3 2 3 2 3}.d7{stroke-dasharray:3 2}.d8{stroke-dasharray:14 3 4 3}
@media (width<760px){.columns{grid-template-columns:1fr}}
@page{size:A4 landscape;margin:12mm}
@media print{
body{background:#fff;font-size:10px;line-height:15px;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0;gap:8px}
.panel{box-shadow:none;padding:8px 10px}
.scroll{overflow:visible}
th,tbody th,.note,.legend{font-size:9px}
tbody th{font-size:10px}
th,td{padding:2px 5px}
thead{display:table-header-group}
tr,figure,.figures{break-inside:avoid}
h2{break-after:avoid}
.figure{font-size:16px;line-height:20px}
}
`;
