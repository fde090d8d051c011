import Bytes
import Scanners

/// Reads chat completions and their chunks, one at a time. Idle between them, so all streams of an event loop share it.
final class ChatChunkReader {
    private let reader = EventReader(ResponsePaths.of(.chatCompletions, .event))
    private let document = JSONDocument()

    /// Reads one chunk; nil if it is not a JSON object.
    ///
    /// - Returns: the object, which is valid until the next call.
    func read(_ data: Span<UInt8>) -> JSONValue? {
        do throws(JSONError) { try document.read(copying: data, with: &reader.scanner) } catch { return nil }
        guard let root = document.root, root.kind == .object else { return nil }
        return root
    }

    /// The usage that the chunk states; nil if it states none.
    var usage: UpstreamUsage? { reader.paths.usage(in: reader.scanner) }

    /// Returns true for a chunk that is an error.
    var isError: Bool { reader.paths.isError(reader.scanner) }
}
