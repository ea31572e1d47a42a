import type { App } from '@gatehouse/http/service'
import type { Frame, Page } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import { learnMorePage, paperworkReductionPage, privacyActPage } from './pages.ts'

export function addNoticeRoutes(app: App, { frame }: { frame: Frame }): void {
  const pages: [path: string, page: () => Page][] = [
    [PATHS.learnMore, learnMorePage],
    [PATHS.paperworkReduction, paperworkReductionPage],
    [PATHS.privacyAct, privacyActPage],
  ]
  for (const [path, page] of pages) {
    app.get(path, async (request, reply) => frame.show(request, reply, page()))
  }
}
