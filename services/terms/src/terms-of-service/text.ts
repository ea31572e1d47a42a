import type { TermsText } from '@gatehouse/contracts/terms'

/**
 * The Terms of Service as Social Security's page shows them after a provider's sign-in. That page names no version;
 * the number is ours. Whoever changes the text gives it a new one: the service refuses to start otherwise.
 */
export const termsOfService: { version: string; text: TermsText } = {
  version: '1',
  text: {
    introduction: [
      'The terms of service in this section apply to all Social Security online services. Depending on the specific Social Security online service you access, you may be asked to agree to added terms to use that service.',
      'By checking I agree to the Terms of Service, I acknowledge the following conditions:',
    ],
    conditions: [
      { text: 'I understand that I am accessing a U.S. Government system.' },
      {
        text: 'I understand that my usage of this system may be monitored, recorded, and subject to audit.',
      },
      {
        text: 'I understand that unauthorized or improper use of this system is prohibited and may result in administrative, civil, or criminal penalties and/or other actions.',
      },
      {
        text: 'I understand that it is a federal crime to:',
        details: [
          'Give false or misleading statements to obtain information in Social Security records;',
          'Give false or misleading information to obtain or alter Social Security benefits; or',
          "Deceive the Social Security Administration about an individual's identity.",
        ],
      },
      {
        text: 'I understand that the Social Security Administration may stop me from using Social Security online services if it finds or suspects fraud or misuse.',
      },
      {
        text: 'I accept that I am responsible for properly protecting any information provided to me by the Social Security Administration.',
      },
      {
        text: 'I agree that the Social Security Administration is not responsible for the improper disclosure of any information that the Social Security Administration has provided to me or any information that is on or from my computer or other device, whether due to my negligence or the wrong acts of others.',
      },
    ],
    agreement: 'I agree to the Terms of Service.',
  },
}
