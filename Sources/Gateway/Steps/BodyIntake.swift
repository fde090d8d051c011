import OpenAIAPI
import Transport

/// The way of a body's pieces: decoded, scanned for the request's metadata, kept.
final class BodyIntake {
    private let store: BodyStore
    private let scanner: RequestScanner?
    private let decoder: BodyDecoder?
    private let limit: Int
    /// The reason why the rest of the body is not wanted.
    private(set) var failure: RequestFailure?

    /// - Parameters:
    ///   - scanner: reads the metadata; nil for a body that is translated first.
    ///   - limit: the most bytes of a decoded body.
    init(_ store: BodyStore, _ scanner: RequestScanner?, _ decoder: BodyDecoder?, limit: Int) {
        self.store = store
        self.scanner = scanner
        self.decoder = decoder
        self.limit = limit
    }

    /// Takes the next piece as it was received.
    func receive(_ piece: Span<UInt8>) {
        guard failure == nil else { return }
        guard let decoder else { return keep(piece) }
        decoder.decode(piece) { keep($0) }
        if failure == nil, decoder.isDamaged { failure = .refused(.invalidEncoding) }
    }

    private func keep(_ piece: Span<UInt8>) {
        guard failure == nil else { return }
        guard piece.count <= limit - store.count else {
            failure = .refused(.requestTooLarge(limit: limit))
            return
        }
        do throws(APIError) { try scanner?.scan(piece) } catch { return failure = .refused(error) }
        do throws(SystemError) { try store.append(piece) } catch { failure = .storeUnavailable }
    }

    /// Ends the body, and returns its metadata, if they were read.
    @inline(never)
    func finish() throws(RequestFailure) -> RequestMetadata? {
        if let failure { throw failure }
        if let decoder, !decoder.isWhole { throw .refused(.invalidEncoding) }
        do throws(SystemError) { try store.finish() } catch { throw .storeUnavailable }
        do throws(APIError) { return try scanner?.finish() } catch { throw .refused(error) }
    }
}
