/// Exit status of the program, for scripts.
enum ExitStatus: Int32 {
    /// Done.
    case done = 0
    /// The command was right, but could not be carried out.
    case failed = 1
    /// The command line is wrong.
    case wrongUsage = 2
    /// The configuration cannot be read or used.
    case badConfiguration = 3
}
