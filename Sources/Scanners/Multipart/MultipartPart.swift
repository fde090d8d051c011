/// One part of a multipart/form-data body.
package struct MultipartPart: Equatable, Sendable {
    /// The field's name, decoded: `\"` and `\\` of a quoted string, and `%22`, `%0D`, `%0A` as browsers write them.
    package let name: String
    /// The file's name, if the part is one; perhaps empty.
    package let fileName: String?
    /// The part's `content-type` as written.
    package let contentType: String?
    /// Where the content stands, from the body's first byte.
    package let range: Range<Int>
    /// The content of a part without a file name, if it is within the limit.
    package let value: [UInt8]?
}
