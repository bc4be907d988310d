/** Names of the fields that a machine has beside those of a specification. */

/** The state's number, from 1; its value; what is collected up to it. */
export const [NUMBER, VALUE, BEST] = ['number', 'value', 'best'] as const;
/** Whether there is no next state, and what the answer is then. */
export const [END, ANSWER] = ['end', 'answer'] as const;
/** The constant 1, and what tokens of the prompt hold: an entry, its position, the number of a separator. */
export const PROMPT = ['one', 'symbol', 'position', 'separator'] as const;

/** Names that indices, reads and dependencies cannot have. */
export const RESERVED: readonly string[] = [NUMBER, VALUE, BEST, END, ANSWER, ...PROMPT];

/** The length of a word or list, the value of a number. */
export const sizeName = (input: string): string => `size of ${input}`;
/** Where a word or list ends in the prompt. */
export const endOf = (input: string): string => `end of ${input}`;
/** A field of the token that is read, where the same name is the state's that is generated. */
export const before = (name: string): string => `${name} before`;
/** Where something is read. */
export const addressOf = (name: string): string => `address of ${name}`;
