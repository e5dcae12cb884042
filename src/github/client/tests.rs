use super::*;

#[tokio::test]
async fn a_token_with_a_line_break_is_refused_without_being_printed() {
    let url = Url::parse("https://api.github.com").unwrap();
    let error = Client::new(&Token::new("ghs_x\ny".into()), &url, &url, Limits::default()).unwrap_err();
    insta::assert_snapshot!(error, @"the GitHub token is not valid: failed to parse header value");
}

#[tokio::test]
async fn endpoints_keep_the_prefix_and_escape_what_they_are_given() {
    for (api, expected) in [
        ("https://api.github.com", "https://api.github.com/repos/a/b%2Fc"),
        ("https://ghes.example/api/v3", "https://ghes.example/api/v3/repos/a/b%2Fc"),
        ("https://ghes.example/api/v3/", "https://ghes.example/api/v3/repos/a/b%2Fc"),
    ] {
        let url = Url::parse(api).unwrap();
        let client = Client::new(&Token::new("t".into()), &url, &url, Limits::default()).unwrap();
        let Ok(endpoint) = client.endpoint(&["repos", "a", "b/c"]) else { panic!("{api}") };
        assert_eq!(endpoint.as_str(), expected);
    }
}
