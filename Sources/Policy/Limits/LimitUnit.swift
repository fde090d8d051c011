/// A unit that limits count.
package enum LimitUnit: Sendable, Hashable, CaseIterable {
    /// Requests.
    case requests
    /// Input and output tokens.
    case tokens
    /// Output tokens.
    case outputTokens
    /// Nano-euros.
    case money

    /// `amount` in words, as `3 requests` or `2.5 EUR`.
    func words(_ amount: Int64) -> String {
        switch self {
        case .requests: "\(amount) requests"
        case .tokens: "\(amount) tokens"
        case .outputTokens: "\(amount) output tokens"
        case .money: "\(NanoEuros(amount).decimal) EUR"
        }
    }
}
