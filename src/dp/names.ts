/** Names of the fields that a machine has beside those of a specification. */

/** The length of a word or list, the value of a number. */
export const sizeName = (input: string): string => `size of ${input}`;
/** A field of the token that is read, where the same name is the state's that is generated. */
export const before = (name: string): string => `${name} before`;
/** Where something is read. */
export const addressOf = (name: string): string => `address of ${name}`;
