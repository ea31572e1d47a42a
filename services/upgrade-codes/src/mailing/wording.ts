// What the letters say. The upgrade code letter has the steps and choices of document 002; its longer passages are said in
// our own words. The other letters are assumed.

import type { LetterBlock, LetterDelivery } from '@gatehouse/contracts/lab'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import type { LetterKind } from '@gatehouse/contracts/upgrade-codes'
import { longDate } from '../letters/eastern-date.ts'
import type { LetterRow } from '../tables.ts'

type Text = Pick<LetterDelivery, 'from' | 'subject' | 'blocks'>
/** What a letter says, with its secret. */
export type Wording = (letter: Pick<LetterRow, 'kind' | 'subject' | 'expiresOn'>, code: string) => Text

interface Facts {
  /** As it is printed. */
  code: string
  /** As people read it: August 18, 2014. */
  lastDay: string
  /** What the letter is about, where the calling service said so. */
  about: string
  mySsa: string
  bso: string
}

const heading = (text: string): LetterBlock => ({ kind: 'heading', text })
const paragraph = (text: string): LetterBlock => ({ kind: 'paragraph', text })
const steps = (...items: string[]): LetterBlock => ({ kind: 'steps', items })
const list = (...items: string[]): LetterBlock => ({ kind: 'list', items })

const MY_SSA = 'my Social Security'
const TEST_SYSTEM = paragraph(
  'This letter comes from a test system. It is not from the Social Security Administration, and nobody mailed it.',
)
const NOT_ASKED = paragraph(
  'If you did not ask for this letter, do not give its code to anyone. Sign in and look at your settings, or call us.',
)

// Documents 002 and 000.
const MY_SSA_PHONE = '1-800-772-1213'
const BSO_PHONE = '1-800-772-6270'

function questions(website: string, phone: string): LetterBlock[] {
  return [
    heading('If You Have Questions'),
    paragraph('If you have questions, please:'),
    list(
      `Visit our website at ${website} to find general information about Social Security.`,
      `Call us toll-free at ${phone}. If you are deaf or hard of hearing, call our TTY number, 1-800-325-0778.`,
    ),
  ]
}

function upgradeCode({ code, lastDay, mySsa }: Facts): Omit<Text, 'from'> {
  return {
    subject: 'Your account upgrade code',
    blocks: [
      TEST_SYSTEM,
      paragraph(
        `You asked for extra security for your ${MY_SSA} account. You need this letter and a cell phone with text messaging.`,
      ),
      heading('Please take the following steps to add your extra security.'),
      steps(
        `Visit our website at ${mySsa}.`,
        'Enter your username and password.',
        'Choose “Yes, enable my extra security.”',
        'Enter your cell phone number. We will send an 8-digit text message to your cell phone. This 8-digit text message will expire after 10 minutes.',
        'Enter the 8-digit text message.',
        `Enter your one-time Account Upgrade Code: ${code}. This account upgrade code expires on ${lastDay}.`,
      ),
      paragraph('You have successfully added extra security.'),
      heading('If You Do Not Want Extra Security At This Time'),
      paragraph(
        'Please choose “No, skip this for now.” in Step 3 shown above. We will ask you again the next time you sign in.',
      ),
      heading('If You Do Not Want Extra Security'),
      paragraph(
        'You may have no cell phone with text messaging, or you may not want extra security. Then please choose “I changed my mind, cancel my request for extra security.” in Step 3 shown above, and we will no longer ask you.',
      ),
      paragraph(
        'You can add or remove the extra security at any time. Once it is removed, you sign in without a cell phone. To add it later, you start again and request a new upgrade code; the code in this letter will not work any more.',
      ),
      heading('How We Verified Your Identity'),
      paragraph(
        'When you create an account, Social Security may ask an identity verification service, such as Experian, whether what you told us about yourself is right. That service may look at your credit report, and your report with it may then show a “soft inquiry” by Social Security with the date. Only you can see a soft inquiry: lenders cannot, it costs nothing, and it does not change your credit score. It is usually gone after 25 months. Signing in makes no further inquiries.',
      ),
      ...questions(mySsa, MY_SSA_PHONE),
    ],
  }
}

function resetCode({ code, lastDay, mySsa }: Facts): Omit<Text, 'from'> {
  return {
    subject: 'Your reset code',
    blocks: [
      TEST_SYSTEM,
      paragraph(`You told us that the phone of your ${MY_SSA} account is lost or has another number.`),
      heading('Please take the following steps to change your phone.'),
      steps(
        `Visit our website at ${mySsa}.`,
        'Enter your username and password.',
        `Follow the steps on the page, and enter your one-time reset code: ${code}. This reset code expires on ${lastDay}.`,
      ),
      paragraph('Until then we keep the phone number that we have.'),
      NOT_ASKED,
      ...questions(mySsa, MY_SSA_PHONE),
    ],
  }
}

function activationCode({ code, lastDay, about, bso }: Facts): Omit<Text, 'from'> {
  return {
    subject: 'Your activation code',
    blocks: [
      TEST_SYSTEM,
      paragraph(
        `A service of Business Services Online was requested for your company${about ? `: ${about}` : ''}. Please give this letter to the person who requested it.`,
      ),
      heading('Please take the following steps to activate the service.'),
      steps(
        `Visit our website at ${bso} and sign in.`,
        'On the main menu choose “Enter Activation Code(s)”.',
        `Enter the activation code: ${code}. It can be used once and expires on ${lastDay}.`,
      ),
      paragraph('If you request the service again, we mail a new code, and this one will not work any more.'),
      ...questions(bso, BSO_PHONE),
    ],
  }
}

function temporaryPassword({ code, lastDay, mySsa }: Facts): Omit<Text, 'from'> {
  return {
    subject: 'Your temporary password',
    blocks: [
      TEST_SYSTEM,
      paragraph(`You asked for a temporary password for your ${MY_SSA} account.`),
      heading('Please take the following steps to choose a new password.'),
      steps(
        `Visit our website at ${mySsa}/reset-password.`,
        `Enter your username and your temporary password: ${code}. It can be used once and expires on ${lastDay}.`,
        'Choose a new password. The temporary password does not sign you in.',
      ),
      NOT_ASKED,
      ...questions(mySsa, MY_SSA_PHONE),
    ],
  }
}

const LETTERS: Record<LetterKind, { from: string; write: (facts: Facts) => Omit<Text, 'from'> }> = {
  'upgrade-code': { from: MY_SSA, write: upgradeCode },
  'reset-code': { from: MY_SSA, write: resetCode },
  'activation-code': { from: 'Business Services Online', write: activationCode },
  'temporary-password': { from: MY_SSA, write: temporaryPassword },
}

export function createWording(urls: Pick<ServiceUrls, 'my-ssa' | 'bso'>): Wording {
  return ({ kind, subject, expiresOn }, code) => {
    const { from, write } = LETTERS[kind]
    const lastDay = longDate(expiresOn!)
    return { from, ...write({ code, lastDay, about: subject ?? '', mySsa: urls['my-ssa'], bso: urls.bso }) }
  }
}
