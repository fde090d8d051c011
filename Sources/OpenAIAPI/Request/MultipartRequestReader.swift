import Scanners

/// A `multipart/form-data` body: the fields that the gateway decides on, and how large its files are.
final class MultipartRequestReader {
    private static let decisive: Set<String> = ["model", "stream", "user", "response_format"]

    private var scanner: MultipartScanner
    private var audio: SoundFileDuration?

    /// A reader of a body with this boundary; `hasSound` tells whether its file is one whose duration matters.
    init(boundary: [UInt8], hasSound: Bool) {
        audio = hasSound ? SoundFileDuration() : nil
        scanner = MultipartScanner(boundary: boundary, valueLimit: RequestScanner.captureLimit)
    }

    func scan(_ bytes: Span<UInt8>) throws(APIError) {
        do throws(MultipartError) { try scanner.scan(bytes) { audio?.scan($0) } } catch {
            throw .invalidMultipart(error.message)
        }
    }

    func finish() throws(APIError) -> RequestMetadata {
        do throws(MultipartError) { try scanner.finish() } catch { throw .invalidMultipart(error.message) }
        var facts = RequestMetadata()
        facts.isMultipart = true
        var seen: Set<String> = []
        for part in scanner.parts {
            if part.fileName != nil { facts.fileBytes += part.range.count }
            guard Self.decisive.contains(part.name) else { continue }
            guard seen.insert(part.name).inserted else { throw .duplicateMember(part.name) }
            // A decisive field that is sent as a file is read as a field by some servers and not by others.
            guard part.fileName == nil else { throw .invalidValue(part.name, "a field, not a file") }
            try read(part, into: &facts)
        }
        if scanner.parts.contains(where: { $0.fileName != nil }) {
            facts.amounts.estimatedAudioMilliseconds = audio?.milliseconds
        }
        return facts
    }

    private func read(_ part: MultipartPart, into facts: inout RequestMetadata) throws(APIError) {
        let text = part.value.flatMap { String(validating: $0, as: UTF8.self) }
        switch part.name {
        case "model":
            guard let text, !text.isEmpty, text.utf8.count <= RequestMetadata.modelLimit,
                text.utf8.allSatisfy({ $0 >= 0x20 })
            else { throw .invalidModel }
            facts.model = text
            facts.modelRange = part.range
        case "stream":
            switch text?.lowercased() {
            case "true", "1": facts.stream = true
            case "false", "0", "": facts.stream = false
            default: throw .invalidValue("stream", "true or false")
            }
        case "user": facts.user = text.flatMap(UserName.cleaned)
        default: facts.responseFormat = text
        }
    }
}
