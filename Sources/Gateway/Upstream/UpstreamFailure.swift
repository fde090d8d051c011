import HTTPClient

/// The reason why a request has no response of the upstream that counts.
///
/// Indirect, so that a waiting task keeps one pointer for it.
struct UpstreamFailure: Error {
    indirect enum Reason {
        /// The client's own reason.
        case client(ClientError)
        /// The upstream refuses all of its keys.
        case keysRefused
    }

    let reason: Reason
    /// True where the request may have reached the upstream and was not refused by it.
    let wasSent: Bool

    /// A failure of the connection or of the response.
    init(_ error: ClientError, wasSent: Bool) {
        reason = .client(error)
        self.wasSent = wasSent
    }

    private init(_ reason: Reason) {
        self.reason = reason
        wasSent = false
    }

    /// All keys are refused: the upstream did no work, so no usage is billed.
    static let keysRefused = UpstreamFailure(.keysRefused)
}
