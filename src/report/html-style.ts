/** The page's own style sheet; its digest stands in the page's policy. */
export const style = `
:root { color-scheme: light dark; --text: #1f2328; --muted: #59636e; --page: #f6f8fa; --card: #fff; --line: #d1d9e0;
  --bad: #c11a24; --good: #116329; --held: #7d4e00; --calm: #59636e; --accent: #0860ca;
  --bad-bg: #ffebe9; --good-bg: #dafbe1; --held-bg: #fff3c9; --calm-bg: #eaeef2; --accent-bg: #ddf4ff;
  --moved: #0969da; --reused: #8ec8ff; --sampled: #4ac26b; --wait: #aab4be; --place: #e9c46a; --jobs: #b6d2f0 }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --muted: #9aa5b1; --page: #0d1117; --card: #151b23; --line: #343c46;
  --bad: #ff8f87; --good: #56d364; --held: #e3b341; --calm: #9aa5b1; --accent: #6cb6ff;
  --bad-bg: #3d1a1c; --good-bg: #12311d; --held-bg: #342811; --calm-bg: #262c36; --accent-bg: #12283f;
  --moved: #4493f8; --reused: #1f4b80; --sampled: #2b7a3f; --wait: #59636e; --place: #7d5f1f; --jobs: #2c4d78 } }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; margin: 0 auto; padding: 1.25rem 1rem 2rem;
  max-width: 78rem; color: var(--text); background: var(--page) }
h1, h2, h3, p { margin: 0 } a { color: var(--accent); text-decoration: none } a:hover { text-decoration: underline }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .4rem 0 .2rem } h2 { font-size: 1.05rem; margin-bottom: .6rem }
section { margin-top: 1rem } section:not(.cards) { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem }
.muted, .facts, .note, footer, .axis, .card p:not(.value) { color: var(--muted); font-size: .87rem }
footer { margin-top: 1rem } .facts, .note { overflow-wrap: anywhere }
.badge, .pill { display: inline-block; border-radius: 2rem; padding: .05rem .65rem; font-weight: 600; white-space: nowrap;
  color: var(--calm); background: var(--calm-bg) } .badge { font-size: .95rem; padding: .15rem .8rem } .pill { font-size: .82rem }
.failure, .pill.failed, .pill.conflict, .pill.missing { color: var(--bad); background: var(--bad-bg) }
.success, .pill.synced { color: var(--good); background: var(--good-bg) }
.incomplete, .pill.blocked { color: var(--held); background: var(--held-bg) } .pill.planned, .pill.moved { color: var(--accent); background: var(--accent-bg) }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .75rem }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem }
.card h2 { font-size: .87rem; font-weight: 500; color: var(--muted); margin: 0 } .card .value { font-size: 1.45rem; font-weight: 600; line-height: 1.35 }
.bar { display: block; margin: .3rem 0; border-radius: 4px } rect.moved { fill: var(--moved) } rect.reused { fill: var(--reused) }
rect.verified, rect.done { fill: var(--good) } rect.sampled { fill: var(--sampled) } rect.unverifiable, rect.stopped { fill: var(--held) }
rect.mismatch, rect.failed { fill: var(--bad) } rect:is(.machine, .again) { fill: var(--wait) } rect.place { fill: var(--place) } rect.jobs { fill: var(--jobs) } rect:is(.plan, .report) { fill: var(--accent) }
.key::before { content: ""; display: inline-block; width: .65em; height: .65em; border-radius: 2px; margin-right: .35em; background: var(--calm) }
.key { margin-right: .6em; white-space: nowrap } .key.verified::before, .key.work::before { background: var(--good) } .key.sampled::before { background: var(--sampled) }
.key.unverifiable::before { background: var(--held) } .key.mismatch::before { background: var(--bad) } .key:is(.machine, .again)::before { background: var(--wait) }
.key.place::before { background: var(--place) } .key.jobs::before { background: var(--jobs) }
.trouble { border-left: 4px solid var(--bad); padding: .1rem 0 .1rem .8rem; margin: .7rem 0; overflow-wrap: anywhere } .trouble h3 { font-size: 1rem }
.flow { display: block; overflow: visible } .flow text { fill: var(--text); font-size: 13px; paint-order: stroke; stroke: var(--card); stroke-width: 4px }
.flow .hub { font-weight: 600; font-size: 14px } .flow text.muted { fill: var(--muted) } .flow .node { fill: var(--moved) } .band { fill: var(--moved); fill-opacity: .34 } .band.reused { fill-opacity: .14 } .band.bad { fill: var(--bad) }
.flows { margin: .6rem 0 0; padding: 0; list-style: none; overflow-wrap: anywhere } strong.failed { color: var(--bad) }
.timeline { list-style: none; margin: 0; padding: 0; max-height: 30rem; overflow: auto }
.timeline li { display: grid; grid-template-columns: minmax(9rem, 22rem) minmax(8rem, 1fr) 14rem; gap: 0 .8rem; align-items: center; padding: .15rem 0 }
.timeline :is(.name, .after) { overflow: hidden; text-overflow: ellipsis; white-space: nowrap } .timeline .after { display: block; line-height: 1.2; margin-bottom: .2rem } .timeline .time { font-size: .87rem; color: var(--muted); font-variant-numeric: tabular-nums }
.timeline svg { display: block; background: var(--calm-bg); border-radius: 2px } .axis { display: flex; justify-content: space-between; margin: .1rem 14.8rem 0 calc(min(22rem, 38%) + .8rem) }
.legend { float: right; font-size: .87rem; color: var(--muted); margin-top: -1.9rem }
.tools { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin-bottom: .6rem } .tools[hidden] { display: none } [role=status] { color: var(--muted); font-size: .87rem }
input { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: .3rem .6rem; width: min(19rem, 100%) }
select { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: .3rem } button { font: inherit; color: inherit; cursor: pointer } .chip, .more { font-size: .85rem; border: 1px solid var(--line); background: var(--card); border-radius: 2rem; padding: .1rem .7rem }
.chip[aria-pressed=true] { background: var(--accent-bg); border-color: var(--accent); color: var(--accent) } :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .5rem .6rem; border-top: 1px solid var(--line) }
thead th { border-top: 0; font-size: .87rem; color: var(--muted); white-space: nowrap } th button { font-weight: 600; background: none; border: 0; padding: 0; color: inherit }
th[aria-sort=ascending] button::after { content: " ▲" } th[aria-sort=descending] button::after { content: " ▼" }
td { overflow-wrap: anywhere } td[data-name=Repo] { width: 50%; min-width: 16rem } .names > span { display: inline-block } td[data-name=Repo] p, td details { font-size: .9rem } td .names { font-weight: 500 } .arrow { color: var(--muted) }
td:is(:nth-child(3), :nth-child(4), :nth-child(5), :nth-child(7)) { white-space: nowrap; font-variant-numeric: tabular-nums }
td[data-name=Outcome], td code { white-space: nowrap } td[data-name=Files] { min-width: 7.5rem } code { font: .85rem ui-monospace, monospace } td ul { margin: .3rem 0; padding-left: 1.2rem }
button.files { border: 0; background: none; padding: 0; color: var(--accent); text-align: left } button.files:hover { text-decoration: underline } tr[hidden], [hidden] { display: none !important }
dialog { color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 10px; width: min(48rem, calc(100vw - 1.5rem)); max-height: 85vh; padding: 1rem }
dialog::backdrop { background: rgb(0 0 0 / .45) } dialog form { display: flex; justify-content: space-between; gap: 1rem; align-items: start } dialog h2 { overflow-wrap: anywhere }
.close { border: 0; background: none; font-size: 1.5rem; line-height: 1; padding: 0 .3rem } dialog ul { list-style: none; padding: 0; margin: 0 }
dialog li { display: flex; flex-wrap: wrap; gap: 0 .8rem; justify-content: space-between; border-top: 1px solid var(--line); padding: .3rem 0; overflow-wrap: anywhere } dialog li span:last-child { color: var(--muted); font-size: .87rem }
dialog li.mismatch span:last-child { color: var(--bad); font-weight: 600 } dialog li.unverifiable span:last-child { color: var(--held); font-weight: 600 }
.sort { display: none }
@media (max-width: 46rem) { .sort { display: inline-block } body { padding: .9rem .6rem 1.5rem } h1 { font-size: 1.3rem } section:not(.cards) { padding: .8rem .7rem } .cards { grid-template-columns: 1fr 1fr; gap: .5rem } .card { padding: .6rem .7rem } .card .value { font-size: 1.15rem }
  .timeline li { grid-template-columns: minmax(0, 1fr); padding: .3rem 0 } .timeline .name { white-space: normal; overflow-wrap: anywhere } .axis { margin: .1rem 0 0 } .legend { float: none; margin: -.4rem 0 .4rem }
  table, tbody, tr, td { display: block } thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) } tr { border-top: 1px solid var(--line); padding: .6rem 0 } tbody tr:first-child { border-top: 0 }
  td { border: 0; padding: .1rem 0 } td:empty { display: none } td[data-name=Repo], td[data-name=Files] { width: auto; min-width: 0 }
  td:not([data-name=Outcome], [data-name=Repo]) { display: flex; gap: .6rem } td:not([data-name=Outcome], [data-name=Repo]):empty { display: none } td:not([data-name=Outcome], [data-name=Repo])::before { content: attr(data-name); flex: 0 0 5rem; color: var(--muted); font-size: .87rem } }
@media print { .tools, dialog { display: none } .timeline { max-height: none } }
`
