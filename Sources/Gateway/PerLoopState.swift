import HTTPClient
import OpenAIAPI
import Transport

/// The state that the requests of one loop share.
///
/// - Soundness of `@unchecked Sendable`: `client` and `eventReaders` are used on `loop` alone.
final class PerLoopState: @unchecked Sendable {
    let loop: EventLoop
    let client: HTTPClient
    let eventReaders = EventReaders()
    let gauges: PoolGauges

    init(_ loop: EventLoop, _ client: HTTPClient) {
        self.loop = loop
        self.client = client
        gauges = client.gauges
    }
}
