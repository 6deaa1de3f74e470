//! A dragon guards its treasure. Every picture is made from the prompt beside the code that shows it.

use bevy::prelude::*;
use bevy_asset_loader::prelude::*;

#[derive(Clone, Copy, Default, Eq, PartialEq, Hash, Debug, States)]
enum Screen {
    #[default]
    Loading,
    Playing,
}

#[derive(AssetCollection, Resource)]
struct Treasure {
    #[asset(key = "potion.image")]
    potion: Handle<Image>,
}

fn main() {
    App::new()
        // Pixel art stays sharp only when it is sampled by nearest neighbour.
        .add_plugins(DefaultPlugins.set(ImagePlugin::default_nearest()))
        .init_state::<Screen>()
        .add_loading_state(
            LoadingState::new(Screen::Loading)
                .continue_to_state(Screen::Playing)
                .with_dynamic_assets_file::<StandardDynamicAssetCollection>("game.assets.ron")
                .load_collection::<Treasure>(),
        )
        .add_systems(Startup, spawn_dragon)
        .add_systems(OnEnter(Screen::Playing), spawn_treasure)
        .run();
}

fn spawn_dragon(mut commands: Commands, asset_server: Res<AssetServer>) {
    commands.spawn(Camera2d);
    // @sprite "red dragon, side view" 32x32 seed=7
    let dragon = asset_server.load("sprites/dragon.png");
    commands.spawn((Sprite::from_image(dragon), Transform::from_scale(Vec3::splat(6.0))));
}

fn spawn_treasure(mut commands: Commands, treasure: Res<Treasure>) {
    commands.spawn((
        Sprite::from_image(treasure.potion.clone()),
        Transform::from_xyz(160.0, -60.0, 0.0).with_scale(Vec3::splat(4.0)),
    ));
}
