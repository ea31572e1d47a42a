/** Why the suite cannot start, in words for whoever started it. Nothing is wrong with the program. */
export class CannotStart extends Error {}
