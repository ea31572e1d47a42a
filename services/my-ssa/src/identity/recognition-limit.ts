import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'

/** Keeps anybody from finding out a person's name and date of birth by trying. */
export interface RecognitionLimit {
  /**
   * Counts a try for the person with this SSN, whoever that is; right ones count too.
   *
   * @returns whether it was one too many
   */
  isExceeded(purpose: 'create-account' | 'forgot-username' | 'block', ssn: string): Promise<boolean>
}

export function createRecognitionLimit(
  keyValue: KeyValue,
  secrets: Pick<Secrets, 'digest'>,
  limits: { recognitionTries: number; recognitionSpanMs: number },
): RecognitionLimit {
  return {
    async isExceeded(purpose, ssn) {
      const place = `recognition/${purpose}/${secrets.digest('recognition', ssn)}`
      return (await keyValue.increment(place, now() + limits.recognitionSpanMs)) > limits.recognitionTries
    },
  }
}
