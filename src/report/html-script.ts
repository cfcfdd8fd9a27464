/**
 * The page's own script; its digest stands in the page's policy. It writes text only (`textContent`), never markup, and everything it
 * adds to (sorting, filtering, files one by one) is left out of the page without it.
 */
export const script = `
'use strict'
const find = (selector, root = document) => root.querySelector(selector)
const all = (selector, root = document) => [...root.querySelectorAll(selector)]
const make = (name, text) => Object.assign(document.createElement(name), { textContent: text })

function setUpTable() {
  const body = find('tbody')
  if (body === null) return
  const rows = [...body.rows]
  const texts = rows.map((row) => row.textContent.toLowerCase())
  const filter = find('#filter')
  const chips = all('.chip')
  function show() {
    const wanted = filter.value.toLowerCase().split(/\\s+/)
    const words = chips.filter((chip) => chip.ariaPressed === 'true').map((chip) => chip.dataset.word)
    let count = 0
    rows.forEach((row, index) => {
      const isWanted = wanted.every((word) => texts[index].includes(word)) && (words.length === 0 || words.includes(row.dataset.word))
      row.hidden = !isWanted
      if (isWanted) count += 1
    })
    find('#shown').textContent = count.toLocaleString('en-US') + ' of ' + rows.length.toLocaleString('en-US')
  }
  filter.addEventListener('input', show)
  for (const chip of chips) chip.addEventListener('click', () => { chip.ariaPressed = chip.ariaPressed === 'true' ? 'false' : 'true'; show() })
  filter.parentElement.hidden = false
  show()
  all('thead th').forEach((head, column) => {
    const button = make('button', head.textContent)
    button.type = 'button'
    head.replaceChildren(button)
    button.addEventListener('click', () => sort(body, rows, head, column))
  })
  // A phone shows rows as cards, without the heads that sort.
  const choice = make('select', '')
  choice.className = 'sort'
  choice.ariaLabel = 'Sort by'
  choice.append(...all('thead th').map((head) => make('option', 'Sort: ' + head.textContent)))
  choice.addEventListener('change', () => { const head = all('thead th')[choice.selectedIndex]; head.ariaSort = null; sort(body, rows, head, choice.selectedIndex) })
  find('#shown').before(choice)
}

const { compare } = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

function sort(body, rows, head, column) {
  const numeric = rows.some((row) => row.cells[column].dataset.order !== undefined)
  const was = head.ariaSort
  const up = was === null ? !numeric : was === 'descending'
  for (const other of all('thead th')) other.ariaSort = null
  head.ariaSort = up ? 'ascending' : 'descending'
  const key = (row) => { const cell = row.cells[column]; return numeric ? Number(cell.dataset.order ?? 0) : cell.textContent }
  const keyed = rows.map((row) => [key(row), row])
  keyed.sort(([a], [b]) => (up ? 1 : -1) * (numeric ? a - b : compare(a, b)))
  body.append(...keyed.map(([, row]) => row))
}

const step = 300

function setUpFiles() {
  const buttons = all('button.files')
  if (buttons.length === 0) return
  let data
  const dialog = find('#files')
  const filter = find('input', dialog)
  const more = find('.more', dialog)
  let files = []
  let left = 0
  let found = []
  let shown = 0
  function add() {
    const lines = found.slice(shown, shown + step).map(([path, verification, how]) => {
      const line = make('li', '')
      line.className = verification
      const name = make('span', '')
      name.append(make('bdi', path))
      line.append(name, make('span', verification + ': ' + how))
      return line
    })
    find('ul', dialog).append(...lines)
    shown += lines.length
    more.hidden = shown >= found.length
    more.textContent = 'Show more (' + (found.length - shown).toLocaleString('en-US') + ' left)'
  }
  function search() {
    const wanted = filter.value.toLowerCase().split(/\\s+/)
    found = files.filter((file) => { const text = file.join(' ').toLowerCase(); return wanted.every((word) => text.includes(word)) })
    shown = 0
    find('ul', dialog).replaceChildren()
    find('[role=status]', dialog).textContent = found.length.toLocaleString('en-US') + ' of ' + files.length.toLocaleString('en-US') +
      (left > 0 ? '; ' + left.toLocaleString('en-US') + ' more are in the results of this run' : '')
    add()
  }
  filter.addEventListener('input', search)
  more.addEventListener('click', add)
  for (const button of buttons) {
    button.hidden = false
    button.previousElementSibling.remove()
    button.addEventListener('click', () => {
      data ??= JSON.parse(find('#files-data').textContent)
      const row = data.rows[Number(button.dataset.files)]
      files = decoded(row.f, data.kinds)
      left = row.n - files.length
      find('h2', dialog).textContent = find('.names', button.closest('tr')).textContent
      filter.value = ''
      search()
      dialog.showModal()
    })
  }
}

function decoded(list, kinds) {
  const files = []
  let path = ''
  for (let index = 0; index < list.length; index += 3) {
    path = path.slice(0, list[index]) + list[index + 1]
    files.push([path, ...kinds[list[index + 2]]])
  }
  return files
}

setUpTable()
setUpFiles()
`
