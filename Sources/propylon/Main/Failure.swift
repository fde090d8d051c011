/// The reason why a command could not be carried out: a text for people, and a status for scripts.
struct Failure: Error, CustomStringConvertible {
    let description: String
    let status: ExitStatus
    /// Returns true for a description whose lines are errors with places of their own, so that it gets no prefix.
    let isListing: Bool

    /// A failure with `message`: cause, place, remedy.
    init(_ message: String, status: ExitStatus = .failed, isListing: Bool = false) {
        description = message
        self.status = status
        self.isListing = isListing
    }

    /// A failure with the description of `error`. One that already is a failure stays as it is.
    init(_ error: any Error, status: ExitStatus = .failed) {
        if let failure = error as? Failure {
            self = failure
        } else {
            self.init("\(error)", status: status)
        }
    }

    /// A message of ArgumentParser in the style of all others.
    static func inStyle(_ message: String) -> String {
        message.hasPrefix("Error: ") ? "error: " + message.dropFirst("Error: ".count) : message
    }

    /// The text for standard error.
    var message: String { isListing ? description : "error: \(description)" }
}
