export type Lang = 'en' | 'es'

export interface Link {
  href: string
  text: string
}

/** What every page of one service has in common. */
export interface Site {
  /** The service's name in this repository, such as `login-gov`: it names cookies and the colours. */
  service: string
  /** The name people read in the header and in the window title. Plain text: no page carries a logo. */
  name: string
  /** One line under the name. */
  tagline?: string
  footerLinks?: Link[]
  /** Class on `<body>` that gatehouse.css colours; default `theme-<service>`. */
  theme?: string
}
