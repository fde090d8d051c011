import Transport

/// A body outside memory, such as a file. Read on the loop at any offset, and again where a request is retried.
package protocol StoredBody: AnyObject {
    /// Length of the whole body in bytes.
    var length: Int { get }

    /// Fills `buffer` from `offset` on and returns the number of bytes, which is smaller only at the end.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int
}
