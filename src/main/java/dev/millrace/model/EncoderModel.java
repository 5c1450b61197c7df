package dev.millrace.model;

import ai.djl.nn.Block;

/** A model that makes a {@link GraphEncoder}'s vectors into something: models of different tasks can share the encoder. */
public sealed interface EncoderModel extends Block permits GraphEncoder, PropertyModel, SpectrumModel {
    /** The part that another task may share: its parameters can be saved, loaded and frozen alone. */
    GraphEncoder encoder();
}
