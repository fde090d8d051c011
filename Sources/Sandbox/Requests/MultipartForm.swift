import Scanners

/// The fields of an upload.
struct MultipartForm {
    private let parts: [MultipartPart]

    init(_ request: SandboxRequest) throws(SandboxError) {
        guard let boundary = MultipartScanner.boundary(ofContentType: Array((request.contentType ?? "").utf8).span)
        else {
            throw .invalid("The body must be multipart/form-data.")
        }
        var scanner = MultipartScanner(boundary: boundary)
        do throws(MultipartError) {
            try scanner.scan(request.body.span)
            try scanner.finish()
        } catch { throw .invalid(error.message) }
        parts = scanner.parts
    }

    /// The first part with a file name.
    var file: MultipartPart? { parts.first { $0.fileName != nil } }

    /// The value of the field called `name`.
    func value(_ name: String) -> String? {
        parts.first { $0.name == name && $0.fileName == nil }?.value.map { String(decoding: $0, as: UTF8.self) }
    }
}
