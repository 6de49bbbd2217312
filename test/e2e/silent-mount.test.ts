// `npm test` skips it where bindfs is missing; e2e.sh brings that.
import '../commands/cleanup/silent-mount.test.ts'
