"""What exchange decides: the life of a parcel, what an envelope says, who sits at which node."""
