import Bytes

/// The header bytes that a format reads next.
enum HeaderStep: Equatable {
    /// Skips `after` bytes, then collects `count` bytes.
    case read(Int, after: Int)
    /// Collects further bytes, up to `count` in all.
    case readOn(to: Int)
    /// Drops the first byte, and collects one more.
    case shift
    /// Reads nothing more: the duration is known or cannot be known.
    case stop
}

/// A format of sound files, read header by header. Holds numbers only, never content.
protocol SoundFormat {
    /// Recognizes a file by its first twelve bytes.
    static func start(_ header: SoundHeader) -> (Self, HeaderStep)?

    /// Reads the bytes that the last step asked for. `end` is the offset of the byte after them in the file.
    mutating func read(_ header: SoundHeader, end: Int) -> HeaderStep

    /// The duration of the file, which has `size` bytes; nil if its headers do not tell.
    func milliseconds(fileSize size: Int) -> Int64?
}

/// Durations from the numbers of a file, which may be anything.
enum SoundDuration {
    /// The longest duration that is believed: a year.
    static let longest: Int64 = 31_536_000_000

    /// Milliseconds of `count` units at `rate` units a second, rounded up, up to a year.
    static func milliseconds(_ count: Int64, each rate: Int64) -> Int64 {
        count.scaled(by: 1000, over: rate, limit: longest)
    }
}
