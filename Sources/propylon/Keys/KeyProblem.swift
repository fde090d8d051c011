import Store

/// The reason why a key is not created or changed. The command line and the admin API say it in the same words.
enum KeyProblem: Error, Equatable {
    /// A value that the configuration or the clock does not allow; `member` has the name of the API and of import files.
    case invalid(member: String, message: String)
    /// A refusal of the store.
    case store(LedgerError)
}

extension KeyProblem {
    /// The problem that `error` is: of a value where another one helps.
    init(_ error: LedgerError) {
        self =
            switch error {
            case .textTooLong(let member, _, _), .unreadableText(let member):
                .invalid(member: member, message: "\(error)")
            case .tooManyModels: .invalid(member: "models", message: "\(error)")
            default: .store(error)
            }
    }
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
