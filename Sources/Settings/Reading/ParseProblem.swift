/// An error in one value: a phrase, and a suggestion.
package struct ParseProblem: Error, Hashable, Sendable {
    /// The error, without the value itself, which may be a secret.
    package let message: String
    /// A correction, made of known words or of the value. Never shown for secrets.
    package let suggestion: String?
    /// True where the environment lacks a variable or a file.
    let isOfEnvironment: Bool

    init(_ message: String, suggestion: String? = nil, isOfEnvironment: Bool = false) {
        self.message = message
        self.suggestion = suggestion
        self.isOfEnvironment = isOfEnvironment
    }
}
