/** What is called `my.cnf` in the folder that this variable names is read by MySQL's and MariaDB's clients. */
const FOLDER_VARIABLE = 'MYSQL_HOME';
const FILE_NAME = 'my.cnf';

const GROUP = /^\[(client|client-mariadb|mysql)\]$/;
const PLAIN = '[A-Za-z0-9_.:$-]{1,255}';
const OPTION = new RegExp(
  `^(?:(?:user|password|host|database)=${PLAIN}|port=[0-9]{1,5}|protocol=TCP|ssl(?:-verify-server-cert)?=[01])$`,
);

/** What the file must be called where a variable names its folder instead of the file itself. */
export function findFileName(variable: string): string | undefined {
  return variable === FOLDER_VARIABLE ? FILE_NAME : undefined;
}

/**
 * Does this option file say who logs in where, and nothing else? Others of its options name programs and libraries to run:
 * no server may choose those.
 */
export function isPlainOptionFile(text: string): boolean {
  return text
    .split('\n')
    .every((line, index, lines) =>
      line === '' ? index === lines.length - 1 : GROUP.test(line) || OPTION.test(line),
    );
}
