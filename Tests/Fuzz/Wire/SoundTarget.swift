import Fuzzing

@testable import OpenAIAPI

/// Sound files: any split has the same duration, which is not negative.
extension FuzzTarget {
    static let sounds = FuzzTarget("sounds") { data, count in
        examine(data, count) { bytes in
            var whole = SoundFileDuration()
            whole.scan(bytes)
            var split = SoundFileDuration()
            for piece in Splits(bytes) { split.scan(bytes.extracting(piece)) }
            require(whole.milliseconds == split.milliseconds, "a split file is measured as the whole")
            require(whole.milliseconds >= 0, "a duration is not negative")
        }
    }
}
