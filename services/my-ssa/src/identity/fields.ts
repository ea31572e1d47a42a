// The fields for a person's details and mailing address. The SSN is never shown again.

import { type FieldError, select, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { AddressForm } from './address.ts'
import type { DetailsForm, Problem } from './details.ts'
import { STATES } from './states.ts'

type DetailsValues = { [Field in keyof DetailsForm]: DetailsForm[Field] | undefined }
type AddressValues = { [Field in keyof AddressForm]: AddressForm[Field] | undefined }

/** For the summary above the form. */
export function fieldErrors(problems: readonly Problem[]): FieldError[] {
  return problems.map(({ field, rule }) => ({ field, message: rule }))
}

const errorOf = (problems: readonly Problem[], name: string) => {
  const rule = problems.find(({ field }) => field === name)?.rule
  return rule ? { error: rule } : {}
}

export function detailsFields(values: DetailsValues, problems: readonly Problem[]): string {
  const name = (
    field: 'firstName' | 'middleName' | 'lastName',
    label: string,
    autocomplete: string,
    required: boolean,
  ) =>
    textField({
      name: field,
      label,
      autocomplete,
      required,
      value: values[field] ?? '',
      ...errorOf(problems, field),
    })
  return html`!${name('firstName', 'First name', 'given-name', true)}
!${name('middleName', 'Middle name', 'additional-name', false)}
!${name('lastName', 'Last name', 'family-name', true)}
!${textField({
    name: 'birthdate',
    label: 'Date of birth',
    hint: 'For example 1984-03-12',
    autocomplete: 'bday',
    required: true,
    width: 'md',
    value: values.birthdate ?? '',
    ...errorOf(problems, 'birthdate'),
  })}
!${textField({
    name: 'ssn',
    label: 'Social Security number',
    hint: 'Nine digits that begin with 9 or 666. Do not enter a real one.',
    autocomplete: 'off',
    inputmode: 'numeric',
    required: true,
    width: 'md',
    ...errorOf(problems, 'ssn'),
  })}`
}

export function addressFields(values: AddressValues, problems: readonly Problem[]): string {
  const options = [{ value: '', label: '- Select -' }, ...STATES.map(([value, label]) => ({ value, label }))]
  return html`!${textField({
    name: 'street',
    label: 'Street address',
    autocomplete: 'street-address',
    required: true,
    value: values.street ?? '',
    ...errorOf(problems, 'street'),
  })}
!${textField({
    name: 'city',
    label: 'City',
    autocomplete: 'address-level2',
    required: true,
    value: values.city ?? '',
    ...errorOf(problems, 'city'),
  })}
!${select({
    name: 'state',
    label: 'State, territory or military address',
    required: true,
    options,
    value: values.state ?? '',
    ...errorOf(problems, 'state'),
  })}
!${textField({
    name: 'zip',
    label: 'ZIP Code',
    autocomplete: 'postal-code',
    required: true,
    width: 'md',
    value: values.zip ?? '',
    ...errorOf(problems, 'zip'),
  })}`
}
