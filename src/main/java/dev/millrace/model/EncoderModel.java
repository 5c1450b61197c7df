package dev.millrace.model;

/** A model that makes a {@link GraphEncoder}'s vectors into something: models of different tasks can share the encoder. */
public sealed interface EncoderModel extends TrainableModel permits GraphEncoder, PropertyModel, SpectrumModel {
    /** The part that another task may share: its parameters can be saved, loaded and frozen alone. */
    GraphEncoder encoder();
}
