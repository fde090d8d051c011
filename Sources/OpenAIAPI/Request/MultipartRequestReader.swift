import Scanners

/// Reads the fields of a `multipart/form-data` body that the gateway decides on, and its file: the duration of a sound, or the
/// lines of a batch.
final class MultipartRequestReader {
    /// Fields that may appear once. `response_format` is not read, but two of them would mean two different requests.
    ///
    /// `_charset_` names the encoding of all others (RFC 7578, section 4.6).
    private static let decisive: Set<String> = ["model", "stream", "user", "response_format", "purpose", "_charset_"]

    private let boundary: [UInt8]
    private let pathNamesModel: Bool
    private var scanner: MultipartScanner
    private var audio: SoundFileDuration?
    private let lines: BatchInputScanner?

    /// - Parameters:
    ///   - endpoint: The endpoint, which says what of the body's file matters.
    ///   - pathNamesModel: The path names the model, so that the body's has no effect.
    init(boundary: [UInt8], endpoint: Endpoint, pathNamesModel: Bool) {
        self.boundary = boundary
        self.pathNamesModel = pathNamesModel
        audio = endpoint.billing == .audioMinutes ? SoundFileDuration() : nil
        lines = endpoint.resourceKind == .file ? BatchInputScanner() : nil
        scanner = MultipartScanner(boundary: boundary, valueLimit: RequestScanner.captureLimit)
    }

    func scan(_ bytes: Span<UInt8>) throws(APIError) {
        do throws(MultipartError) { try scanner.scan(bytes) { readFile($0) } } catch {
            throw .invalidMultipart(error.message)
        }
    }

    private func readFile(_ bytes: Span<UInt8>) {
        audio?.scan(bytes)
        lines?.scan(bytes)
    }

    func finish() throws(APIError) -> RequestMetadata {
        do throws(MultipartError) { try scanner.finish() } catch { throw .invalidMultipart(error.message) }
        var metadata = RequestMetadata()
        metadata.isMultipart = true
        var seen: Set<String> = []
        for part in scanner.parts where Self.decisive.contains(part.name) {
            guard seen.insert(part.name).inserted else { throw .duplicateMember(part.name) }
            // Some servers read a file of this name as the field, others do not.
            guard part.fileName == nil else { throw .invalidValue(part.name, "a field, not a file") }
            if let type = part.contentType, Charset.isOther(in: type.utf8.span) {
                throw .invalidValue(part.name, "in UTF-8, without another charset")
            }
            try read(part, into: &metadata)
        }
        if pathNamesModel, metadata.modelRange == nil, let place = scanner.firstDelimiter {
            metadata.modelPlace = .part(insertAt: place, boundary: boundary)
        }
        let files = scanner.parts.filter { $0.fileName != nil }
        if !files.isEmpty { metadata.counters.estimatedAudioMilliseconds = audio?.milliseconds }
        // Of several files the upstream chooses one.
        let purpose = scanner.parts.first { $0.name == "purpose" }?.value
        if let lines, purpose == Array("batch".utf8), files.map(\.name) == ["file"] {
            metadata.batch = BatchMetadata(input: lines.finish())
        }
        return metadata
    }

    private func read(_ part: MultipartPart, into metadata: inout RequestMetadata) throws(APIError) {
        let text = part.value.flatMap { String(validating: $0, as: UTF8.self) }
        switch part.name {
        case "model":
            guard let text, ModelName.isValid(text) else { throw .invalidModel }
            metadata.model = text
            metadata.modelRange = part.range
        case "stream":
            switch text?.lowercased() {
            case "true", "1": metadata.stream = true
            case "false", "0", "": metadata.stream = false
            default: throw .invalidValue("stream", "true or false")
            }
        case "_charset_":
            guard let text, !Charset.isOther(in: ("charset=" + text).utf8.span) else {
                throw .invalidValue("_charset_", "UTF-8")
            }
        case "user": metadata.user = text.flatMap(UserName.cleaned)
        default: break
        }
    }
}
