// Sizes a folder and prints the result with what that added to the peak of this process's memory.
import { sizeOfFolder } from '../../../src/host/folder-size.ts'

const folder = process.argv[2] ?? ''
const peakBytes = () => process.resourceUsage().maxRSS * 1024
const before = peakBytes()
const size = sizeOfFolder(folder, folder, { maxEntries: 1e6, maxMs: 60_000 }, [])
process.stdout.write(JSON.stringify({ size, grownBytes: peakBytes() - before }))
