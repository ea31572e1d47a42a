import type { Site } from '@gatehouse/pages/site'

export const site: Site = {
  service: 'sign-in',
  name: 'Social Security',
  tagline: 'Sign in',
  footerLinks: [
    { href: '/help', text: 'Sign in Help and Support' },
    { href: '/external-sites', text: 'External Site Disclaimer' },
  ],
}
