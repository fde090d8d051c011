/// One part of a multipart/form-data body.
package struct MultipartPart: Equatable, Sendable {
    /// The field's name, decoded: `\"` and `\\` of a quoted string, and `%22`, `%0D`, `%0A` as browsers write them.
    package let name: String
    /// The file's name, which can be empty; nil if the part is not a file.
    package let fileName: String?
    /// The part's `content-type` as written.
    package let contentType: String?
    /// The bytes of the content in the body.
    package let range: Range<Int>
    /// The content of a part without a file name; nil if it is longer than the limit.
    package let value: [UInt8]?
}
