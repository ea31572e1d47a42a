// Keeps a list of what came fresh: the server says that something changed, and the page is asked for its list again,
// so that what is shown is written in one place. Without this script the page has a link to reload.
// One block: the scripts of a page share their outermost scope.
{
  const list = document.querySelector('[data-live]')
  const status = document.querySelector('[data-live-status]')
  const title = document.title
  let unseen = 0
  let busy = false
  let again = false

  function tell(text, isLive) {
    status.textContent = text
    status.classList.toggle('lab-live--on', isLive)
  }

  /** Takes over new and changed items and leaves the others alone, with the focus that may be in them. */
  function merge(fresh) {
    const known = new Map([...list.children].map((item) => [item.id, item]))
    let news = ''
    let place = list.firstElementChild
    for (const item of [...fresh.children]) {
      const old = known.get(item.id)
      known.delete(item.id)
      if (old && old.dataset.version === item.dataset.version) {
        if (old === place) place = place.nextElementSibling
        else list.insertBefore(old, place)
        continue
      }
      if (old) {
        if (old === place) place = place.nextElementSibling
        const hadFocus = old.contains(document.activeElement) && document.activeElement.value
        old.replaceWith(item)
        if (hadFocus) item.querySelector(`button[value="${CSS.escape(hadFocus)}"]`)?.focus()
        continue
      }
      item.classList.add('lab-message--new')
      news ||= item.dataset.news
      unseen += 1
      list.insertBefore(item, place)
    }
    for (const gone of known.values()) gone.remove()
    if (news) tell(`${news} just now`, true)
    if (document.hidden && unseen > 0) document.title = `(${unseen}) ${title}`
  }

  async function refresh() {
    again = busy
    if (busy) return
    busy = true
    try {
      const response = await fetch(location.href, { headers: { accept: 'text/html' } })
      const page = new DOMParser().parseFromString(await response.text(), 'text/html')
      const fresh = page.querySelector('[data-live]')
      if (fresh) merge(fresh)
    } catch {
      tell('No connection; trying again', false)
    }
    busy = false
    if (again) void refresh()
  }

  const source = new EventSource(list.dataset.live)
  source.addEventListener('open', () => {
    tell('Live: what comes appears here by itself', true)
    // Whatever came while nobody listened.
    void refresh()
  })
  source.addEventListener('message', refresh)
  source.addEventListener('error', () => tell('No connection; trying again', false))
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return
    unseen = 0
    document.title = title
  })
}
