//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    StockTakeNotOpen "stock_take_not_open" 409 "purchasing" "The stock-take is not counting any more: it was closed, approved or cancelled."
        "This stock-take is closed: reopen what is to be counted again." [];
    StockTakeNotClosed "stock_take_not_closed" 409 "quality" "The stock-take is not closed: counting goes on, or it has ended."
        "This stock-take is counting: close it first." [];
    StockTakeEnded "stock_take_ended" 409 "quality" "The stock-take was approved or cancelled before."
        "This stock-take was approved." [];
    StockTakeTooLarge "stock_take_too_large" 409 "purchasing" "More lots lie at the places, or more was scanned, than one stock-take can have: count fewer places at once."
        "More than 500 lots at their places: count fewer places at once." [];
    SelfApprovedStockTake "self_approved_stock_take" 409 "quality" "Whoever counted, or said that counting is over, cannot approve the differences: a second person must."
        "You counted in this stock-take: a second person must approve it." [];
    NothingToCountAgain "nothing_to_count_again" 409 "quality" "Nothing of the stock-take must be counted again, and nothing was named."
        "Nothing has moved since it was counted: name what is to be counted again." [];
    PlacesBeingCounted "places_being_counted" 409 "purchasing" "Another stock-take over one of the places is open: its counts are blind, and two differences to the same books would both be posted."
        "Fridge for stock is being counted in another stock-take: approve or cancel that first." [];
    ScanWithdrawn "scan_withdrawn" 409 "purchasing" "The scan was taken back before."
        "This scan was taken back before." [];
}
