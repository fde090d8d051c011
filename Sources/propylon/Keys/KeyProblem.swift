import Store

/// The reason why a key is not created or changed. The command line and the admin API say it in the same words.
enum KeyProblem: Error, Equatable {
    /// A value that the configuration or the clock does not allow; `member` has the name of the API and of import files.
    case invalid(member: String, message: String)
    /// A refusal of the store.
    case store(LedgerError)
}

extension KeyProblem: CustomStringConvertible {
    var description: String {
        switch self {
        case .invalid(_, let message): message
        case .store(let error): "\(error)"
        }
    }
}

extension Failure {
    /// The failure of a command that `problem` ends.
    init(_ problem: KeyProblem) {
        switch problem {
        case .invalid(_, let message): self.init(message, status: .wrongUsage)
        case .store(let error): self.init(error)
        }
    }
}
