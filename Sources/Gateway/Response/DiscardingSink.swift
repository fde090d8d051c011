import HTTPClient

/// Reads a response for its metadata and drops its bytes.
final class DiscardingSink: ResponseBodySink {
    private let transform: ResponseTransform
    private let continues: () -> Bool
    private var unwanted: [UInt8] = []

    /// - Parameter continues: asked after every read whether to go on.
    init(_ transform: ResponseTransform, while continues: @escaping () -> Bool) {
        self.transform = transform
        self.continues = continues
    }

    func receive(_ piece: Span<UInt8>) { transform.receive(piece, to: &unwanted) }

    func shouldContinue() -> Bool {
        unwanted.removeAll(keepingCapacity: true)
        return continues()
    }

    /// Ends a complete response.
    func finish() { transform.finish(to: &unwanted) }
}
