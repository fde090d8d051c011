import Bytes
import Scanners

/// Finds the images, sounds and videos in a form for an endpoint whose fields are not known.
///
/// Refuses nothing: in a form that it cannot read, every byte counts as text.
final class FormMeasure {
    private static let mediaTypes: [StaticString] = ["image/", "audio/", "video/"]

    private var scanner: MultipartScanner
    private var isBroken = false

    init(boundary: [UInt8]) { scanner = MultipartScanner(boundary: boundary, valueLimit: 0) }

    /// Reads the next piece of the form, of any size.
    func scan(_ bytes: Span<UInt8>) {
        guard !isBroken else { return }
        do throws(MultipartError) { try scanner.scan(bytes) } catch { isBroken = true }
    }

    /// Ends the form, and counts its media.
    func finish(into counters: inout RequestCounters) {
        guard !isBroken else { return }
        do throws(MultipartError) { try scanner.finish() } catch { return }
        for part in scanner.parts where part.fileName != nil {
            counters.mediaParts += 1
            guard let type = part.contentType,
                Self.mediaTypes.contains(where: { type.utf8.span.hasPrefixIgnoringCase($0) })
            else { continue }
            counters.mediaBytes += part.range.count
            if !type.utf8.span.hasPrefixIgnoringCase(Self.mediaTypes[0]) {
                counters.timedMediaBytes += part.range.count
            }
        }
    }
}
