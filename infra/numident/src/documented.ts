/** One person as the Numident knows them. */
export interface NumberHolder {
  /** Nine digits without separators. */
  ssn: string
  firstName: string
  /** Empty when there is none. */
  middleName: string
  lastName: string
  /** `Jr`, `Sr` or a Roman numeral; empty when there is none. */
  suffix: string
  /** MMDDYYYY. */
  dateOfBirth: string
  /** `U` when the sex is not on file. */
  sex: 'F' | 'M' | 'U'
  deceased: boolean
}

/** One row of an online verification request, with the answer it gets. */
export interface DocumentedRequest {
  request: {
    ssn: string
    firstName: string
    middleName: string
    lastName: string
    suffix: string
    dateOfBirth: string
    gender: string
  }
  result: 'Yes' | 'No' | 'Deceased'
}

/**
 * The holders every generated file begins with. Their numbers are from 987-65-4320 to 987-65-4329, which are set
 * aside for use in advertising; no other holder has one of these.
 */
export const documentedNumberHolders: readonly NumberHolder[] = [
  {
    ssn: '987654320',
    firstName: 'Avery',
    middleName: 'Lee',
    lastName: 'Sample',
    suffix: '',
    dateOfBirth: '04121975',
    sex: 'F',
    deceased: false,
  },
  {
    ssn: '987654321',
    firstName: 'Marlow',
    middleName: '',
    lastName: 'Exemplar',
    suffix: 'Jr',
    dateOfBirth: '11301988',
    sex: 'M',
    deceased: false,
  },
  {
    ssn: '987654322',
    firstName: 'Jordan',
    middleName: 'Ellis',
    lastName: 'Specimen',
    suffix: '',
    dateOfBirth: '07041931',
    sex: 'M',
    deceased: true,
  },
]

/** Three requests, one of each result: the name on the second is not the name on file. */
export const documentedRequests: readonly DocumentedRequest[] = [
  {
    request: {
      ssn: '987654320',
      firstName: 'Avery',
      middleName: 'Lee',
      lastName: 'Sample',
      suffix: '',
      dateOfBirth: '04121975',
      gender: 'F',
    },
    result: 'Yes',
  },
  {
    request: {
      ssn: '987654321',
      firstName: 'Robin',
      middleName: '',
      lastName: 'Placeholder',
      suffix: '',
      dateOfBirth: '11301988',
      gender: 'M',
    },
    result: 'No',
  },
  {
    request: {
      ssn: '987654322',
      firstName: 'Jordan',
      middleName: 'Ellis',
      lastName: 'Specimen',
      suffix: '',
      dateOfBirth: '07041931',
      gender: 'M',
    },
    result: 'Deceased',
  },
]
