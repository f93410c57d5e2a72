// The one place where the library is loaded.
export { Argument, Command, CommanderError, Option } from 'commander';
