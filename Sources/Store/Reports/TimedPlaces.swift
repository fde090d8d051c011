/// Places of sums by numbers and times, in the order in which they came.
struct TimedPlaces {
    /// A number at a time.
    struct Address: Hashable {
        let number: Int
        let time: Int64
    }

    private(set) var addresses: [Address] = []
    /// The places in a report with times.
    private var places: [Address: Int] = [:]
    /// The places by numbers in a report without times, for which a dictionary would be asked for each total; -1 for none.
    private var placesOfNumbers: [Int] = []
    private let isTimeless: Bool

    /// No places.
    ///
    /// - Parameter isTimeless: True where all times are the same.
    init(isTimeless: Bool) { self.isTimeless = isTimeless }

    /// The place of `number` at `time`: that of the last one and one more, if it is new.
    mutating func place(of number: Int, at time: Int64) -> (place: Int, isNew: Bool) {
        let address = Address(number: number, time: time)
        if isTimeless {
            while placesOfNumbers.count <= number { placesOfNumbers.append(-1) }
            if placesOfNumbers[number] >= 0 { return (placesOfNumbers[number], false) }
            placesOfNumbers[number] = addresses.count
        } else {
            if let known = places[address] { return (known, false) }
            places[address] = addresses.count
        }
        addresses.append(address)
        return (addresses.count - 1, true)
    }
}
