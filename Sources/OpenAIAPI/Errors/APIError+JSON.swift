import Scanners

extension APIError {
    /// The error for the sender of a JSON body with this fault.
    init(_ error: JSONError) {
        switch error.kind {
        case .duplicateMember(let name): self = .duplicateMember(name)
        case .misspelledMember(let name): self = .misspelledMember(name)
        default: self = .invalidJSON(error.message)
        }
    }
}
